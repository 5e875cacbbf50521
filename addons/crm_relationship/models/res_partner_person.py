from datetime import timedelta

from babel.dates import format_skeleton

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools.misc import babel_locale_parse

OLDEST = 130
BIRTHDAY_NOTICE = 7


class ResPartner(models.Model):
    """Persons: the date of birth is for those who may see personal data, its day and month for all who greet."""

    _inherit = 'res.partner'

    birthdate = fields.Date(
        string='Date of Birth', groups='crm_relationship.group_personal_data', copy=False,
        help="With the year, for those who may see personal data. Everybody who keeps customers sees day and month.",
    )
    birthday_md = fields.Char(
        string='Birthday', compute='_compute_birthday_md', store=True, compute_sudo=True, index='btree_not_null',
        copy=False, groups='crm_relationship.group_relationship_user',
        help="Month and day as MM-DD, for greetings; the year stays with the personal data.",
    )

    @api.depends('birthdate')
    def _compute_birthday_md(self):
        for partner in self:
            partner.birthday_md = partner.birthdate and partner.birthdate.strftime('%m-%d')

    @api.constrains('birthdate', 'is_company')
    def _check_birthdate(self):
        today = fields.Date.context_today(self)
        for partner in self.sudo().filtered('birthdate'):
            values = {'person': partner.display_name, 'date': fields.Date.to_string(partner.birthdate)}
            if partner.is_company:
                raise ValidationError(self.env._(
                    "%(person)s is a company and has no birthday (%(date)s). Enter it on the person.", **values,
                ))
            if partner.birthdate > today:
                raise ValidationError(self.env._(
                    "The birthday of %(person)s, %(date)s, lies in the future. Enter the day of birth with its year.",
                    **values,
                ))
            if partner.birthdate.year < today.year - OLDEST:
                raise ValidationError(self.env._(
                    "The birthday of %(person)s, %(date)s, is more than %(years)s years ago. Check the year.",
                    years=OLDEST, **values,
                ))

    def _get_attention_items(self):
        """Add birthdays of the next days, of the customer and of its contacts."""
        items = super()._get_attention_items()
        ids = self._origin.ids
        if not ids or self._is_known_without('birthday'):
            return items
        if not self.env.user.has_group('crm_relationship.group_relationship_user'):
            return items
        today = fields.Date.context_today(self)
        days = {
            (today + timedelta(days=offset)).strftime('%m-%d'): today + timedelta(days=offset)
            for offset in range(BIRTHDAY_NOTICE + 1)
        }
        persons = self.env['res.partner'].search_fetch(
            [('birthday_md', 'in', list(days)), '|', ('id', 'in', ids), ('parent_id', 'in', ids)],
            ['name', 'birthday_md', 'parent_id'],
        )
        locale = babel_locale_parse(self.env.lang or 'en_US')
        for person in persons:
            day = days[person.birthday_md]
            if day == today:
                text = self.env._("birthday of %(person)s today", person=person.name)
            else:
                text = self.env._("birthday of %(person)s on %(day)s", person=person.name,
                                   day=format_skeleton('MMMd', day, locale=locale))
            for partner_id in {person.id, person.parent_id.id} & set(ids):
                items.setdefault(partner_id, []).append((70, 'info', text))
        return items
