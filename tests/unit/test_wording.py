"""The rules of `make lint` for the Chinese catalogues."""

import pytest

from scripts.wording import findings_of, tidy


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("%(customer)s is late by %(days)d days.", "%(customer)s逾期%(days)d天。"),
        ("<b>Log visit</b> (%s)", "<b>登记访问</b>（%s）"),
        ("Altman Z″", "Altman Z″"),
        ("Ratio 6.56 and 10,000", "比率6.56和10,000"),
        ('<i title="Done" class="fa"/> done', '<i title="完成" class="fa"/> 已完成'),
        ("Invitation: {{ object.programme_id.name }}", "邀请：{{ object.programme_id.name }}"),
        ("More …", "更多……"),
        ("Held.\n%(reasons)s\nAsk.", "已冻结。\n%(reasons)s\n请询问。"),
    ],
)
def test_a_well_set_translation_is_accepted(english, chinese):
    assert findings_of(english, chinese) == []


@pytest.mark.parametrize(
    ("english", "chinese", "finding"),
    [
        ("%(customer)s is late.", "客户逾期。", "placeholders"),
        ("%(customer)s is late.", "%(client)s逾期。", "placeholders"),
        ("Dear {{ object.name }}", "尊敬的{{ object.partner }}", "placeholders"),
        ("Press <b>New</b>.", "点击新建。", "tags"),
        ('<a href="/x">Open</a>', '<a href="/y">打开</a>', "attributes"),
        ("Late, again", "逾期,又一次", "Latin comma"),
        ("%(customer)s: late", "%(customer)s:逾期", "Latin comma"),
        ("%(kind)s: %(name)s", "%(kind)s: %(name)s", "Latin marks between"),
        ("%(kind)s: %(name)s", "%(kind)s:%(name)s", "Latin marks between"),
        ("It is late.", "已逾期.", "Latin full stop"),
        ("Loading…", "加载中…", "dots"),
        ("Sheet (A4)", "单页(A4)", "Latin parenthesis"),
        ("Late (%(days)s)", "逾期 (%(days)s)", "Latin parenthesis"),
        ('Press "New"', '点击"新建"', "straight quotation mark"),
        ("A4", "纸张Ａ4", "full-width"),
        ("Order %s", "订单 %s", "space beside"),
        ("Order S1", "订单 S1", "space beside"),
        ("Late. Again", "逾期。 又逾期", "space beside"),
        ("First line\n   goes on.", "第一行\n   继续。", "line break"),
        ("of 100", " 满分", "space at the beginning"),
    ],
)
def test_a_fault_of_wording_is_named(english, chinese, finding):
    assert finding in " / ".join(findings_of(english, chinese))


@pytest.mark.parametrize(
    ("chinese", "tidied"),
    [
        ("%(customer)s 的 %(order)s 将增加 3 天", "%(customer)s的%(order)s将增加3天"),
        ("请点击 <b>新建</b> 。", "请点击<b>新建</b>。"),
        (" 天", " 天"),
        ("第一行\n   继续。\n    <b>新建</b>", "第一行继续。<b>新建</b>"),
        ("已冻结。\n%(reasons)s", "已冻结。\n%(reasons)s"),
        ("A + B", "A + B"),
        ("Altman Z″", "Altman Z″"),
    ],
)
def test_spaces_beside_chinese_go_and_others_stay(chinese, tidied):
    assert tidy(chinese) == tidied
