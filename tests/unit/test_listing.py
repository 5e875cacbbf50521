"""Names in a sentence, parted as the reader's language does."""

import re

import pytest
from addon_tools import ADDONS, load

tool = load('crm_relationship', 'listing')
listed = tool.listed


@pytest.mark.parametrize(('language', 'text'), [
    ('en_US', 'A, B, C'), ('de_DE', 'A, B, C'), ('zh_CN', 'A、B、C'), ('zh_TW', 'A、B、C'), ('ja_JP', 'A、B、C'),
    ('sr@latin', 'A, B, C'), (None, 'A, B, C'), ('', 'A, B, C'), ('xx_XX', 'A, B, C')])
def test_names_are_parted_as_the_language_does(language, text):
    assert listed(['A', 'B', 'C'], language) == text


def test_one_name_stands_alone_and_empty_ones_are_left_out():
    assert listed(['上海', None, ''], 'zh_CN') == '上海'
    assert listed([], 'zh_CN') == ''


def test_what_has_a_text_is_listed():
    assert listed(iter([1, 2]), 'zh_CN') == '1、2'


def test_clauses_have_a_semicolon_between_them():
    assert listed(['A, a', 'B'], 'en_US', clauses=True) == 'A, a; B'
    assert listed(['甲，乙', '丙'], 'zh_CN', clauses=True) == '甲，乙；丙'


def test_an_address_stands_in_one_line_without_commas_in_chinese():
    parts = ('1 Main Street', '', 'Springfield')
    assert tool.in_one_line(parts, 'en_US') == '1 Main Street, Springfield'
    assert tool.in_one_line(('200120', None, '上海浦东新区'), 'zh_CN') == '200120 上海浦东新区'


# names as they are stored and compared, and columns of SQL
STORED = {'crm_care_holiday.py', 'metrics_source.py'}


def test_sentences_of_the_addons_list_names_with_it():
    commas = [
        f'{path.relative_to(ADDONS)}:{number}'
        for folder in ('models', 'wizard', 'report', 'controllers')
        for path in sorted(ADDONS.glob(f'*/{folder}/*.py'))
        if path.name not in STORED
        for number, line in enumerate(path.read_text(encoding='utf-8').splitlines(), 1)
        if re.search(r"""(['"])[,;] \1\.join\(""", line)
    ]
    assert not commas, f'use listed() of crm_relationship.tools.listing: {commas}'
