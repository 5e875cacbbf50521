import builtins
import itertools
import re

import pytest
from addon_tools import load

mnemonic_tool = load('crm_relationship', 'mnemonic')
mnemonic = mnemonic_tool.mnemonic


@pytest.mark.parametrize(('name', 'code'), [
    ('Deco Addict', 'DA'),
    ('Deco Addict GmbH', 'DA'),
    ('Acme Trading Co., Ltd.', 'AT'),
    ('The Bank of New York', 'BNY'),
    ('Société Générale S.A.', 'SG'),
    ('Müller & Söhne GmbH & Co. KG', 'MS'),
    ('Novo Nordisk A/S', 'NN'),
    ('Example Holdings, L.L.C.', 'EH'),
    ("O'Reilly Media, Inc.", 'OM'),
    ('Brandon Freeman', 'BF'),
    ('Łódź Ørsted ß', 'LOS'),
    ('Æther Works', 'AW'),
])
def test_latin_names_give_the_initials_of_their_significant_words(name, code):
    assert mnemonic(name) == code


@pytest.mark.parametrize(('name', 'code'), [
    ('Azure', 'AZU'), ('IBM Corp.', 'IBM'), ('Ikea', 'IKE'), ('Q', 'Q'), ('Öko GmbH', 'OKO'),
])
def test_a_single_word_is_spelt_to_three_letters(name, code):
    assert mnemonic(name) == code


@pytest.mark.parametrize(('name', 'code'), [
    ('北京华联有限公司', 'BJHL'),
    ('上海电气集团股份有限公司', 'SHDQ'),
    ('重庆钢铁有限责任公司', 'CQGT'),
    ('张伟', 'ZW'),
    ('华为Technologies', 'HWT'),
    ('中国工商银行股份有限公司北京分行', 'ZGGSYH'),
    ('臺灣積體電路製造股份有限公司', 'TWJTDL'),
])
def test_chinese_names_give_the_initials_of_their_pinyin(name, code):
    pytest.importorskip('pypinyin')
    assert mnemonic(name) == code


def test_common_chinese_names_still_work_without_pypinyin(monkeypatch):
    real_import = builtins.__import__

    def refuse(name, *args, **kwargs):
        if name.startswith('pypinyin'):
            raise ImportError(name)
        return real_import(name, *args, **kwargs)

    monkeypatch.setattr(builtins, '__import__', refuse)
    assert mnemonic('北京华联有限公司') == 'BJHL'
    assert mnemonic('张伟') == 'ZW'


@pytest.mark.parametrize(('name', 'code'), [
    ('3M Deutschland GmbH', '3MD'), ('Studio 54', 'S54'), ('Area51 Ltd', 'A51'), ('B2B Partners', 'B2BP'),
    ('7-Eleven Inc', '7E'), ('360公司', '360'), ('٣ Stars', '3S'),
])
def test_digits_of_a_name_are_kept(name, code):
    assert mnemonic(name) == code


@pytest.mark.parametrize(('name', 'code'), [
    ('Газпром Нефть ООО', 'GN'), ('Шоколад', 'SOK'), ('Ελληνικά Πετρέλαια', 'EP'), ('삼성', 'SS'), ('שלום עולם', 'SA'),
])
def test_other_scripts_are_transliterated(name, code):
    assert mnemonic(name) == code


@pytest.mark.parametrize(('name', 'code'), [
    ('ทดสอบ จำกัด', 'TDS'), ('บริษัท เชียงใหม่ ไทย จำกัด', 'CT'), ('नई दिल्ली लिमिटेड', 'ND'), ('မြန်မာ ဘဏ်', 'MB'),
])
def test_vowel_signs_end_no_word(name, code):
    assert mnemonic(name) == code


@pytest.mark.parametrize(('name', 'code'), [
    ('Łódź Sp. z o.o.', 'LOD'), ('Ümit Çelik A.Ş.', 'UC'), ('Ελληνικά Πετρέλαια ΑΕ', 'EP'), ('תל אביב בע"מ', 'TA'),
])
def test_legal_forms_of_several_words_or_other_scripts_are_dropped(name, code):
    assert mnemonic(name) == code


@pytest.mark.parametrize(('name', 'code'), [('Ltd', 'LTD'), ('The', 'THE'), ('有限公司', 'YXGS'), ('AS Roma', 'AR')])
def test_a_name_made_of_a_legal_form_keeps_it(name, code):
    assert mnemonic(name) == code


@pytest.mark.parametrize('name', ['', None, '???', '…', '🙂', ' \n\t'])
def test_a_name_without_letters_has_no_mnemonic_but_still_candidates(name):
    assert mnemonic(name) == ''
    assert next(mnemonic_tool.candidates(mnemonic(name))) == 'X'


def test_length_is_limited_and_the_limit_is_checked():
    assert mnemonic('a1 b2 c3 d4 e5 f6 g7') == 'A1B2C3'
    assert len(mnemonic('One Two Three Four Five Six Seven Eight', max_length=8)) == 8
    with pytest.raises(ValueError, match='max_length'):
        mnemonic('Deco', max_length=0)


def test_codes_are_short_capitals_and_digits_whatever_the_name():
    for start in range(0x20, 0x3000, 5):
        code = mnemonic(''.join(map(chr, range(start, start + 5))))
        assert re.fullmatch('[A-Z0-9]{0,6}', code), (start, code)


def test_a_collision_gets_the_next_short_number():
    assert list(itertools.islice(mnemonic_tool.candidates('DA'), 3)) == ['DA', 'DA2', 'DA3']
    assert list(itertools.islice(mnemonic_tool.candidates('DA', highest=41), 2)) == ['DA', 'DA42']
    assert list(itertools.islice(mnemonic_tool.candidates('S54'), 2)) == ['S54', 'S54-2']


@pytest.mark.parametrize(('code', 'parts'), [
    ('DA12', ('DA', 12)), ('da12 ', ('DA', 12)), ('DA', ('DA', 0)), ('S54-2', ('S54-', 2)), ('C000417', ('C000417', 0)),
    ('4711', ('4711', 0)), ('A1234567', ('A1234567', 0)), ('', ('', 0)), (None, ('', 0)),
])
def test_a_code_is_taken_apart_into_prefix_and_running_number(code, parts):
    assert mnemonic_tool.split_number(code) == parts


def test_every_numbered_code_is_recognised_again():
    for stem, number in itertools.product(('DA', 'S54', 'X', '360'), (2, 9, 10, 99999)):
        code = mnemonic_tool.numbered(stem, number)
        assert mnemonic_tool.split_number(code) == (mnemonic_tool.number_prefix(stem), number)
