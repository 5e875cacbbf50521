from lxml import html

from odoo.tests import tagged

from .common import RelationshipCase


class OpensWell:
    """Lists behind menus open as cards on a phone, and say what to do next when there is nothing in them."""

    def actions_of(self, user, addon):
        """Return the window actions behind the menus that a person sees in an addon."""
        menus = self.env['ir.ui.menu'].with_user(user).load_menus(False)
        return self.env['ir.actions.act_window'].sudo().browse({
            menu['action_id'] for menu in menus.values()
            if menu.get('xmlid', '').startswith(f'{addon}.') and menu['action_model'] == 'ir.actions.act_window'
        })

    def assertCards(self, user, addon):
        """Lists open as cards on a phone, and everything in them can be read by ``user``."""
        actions = self.actions_of(user, addon)
        self.assertTrue(actions)
        for action in actions:
            modes = action.view_mode.split(',')
            with self.subTest(action=action.name):
                if modes[0] == 'list':
                    self.assertIn('kanban', modes)
                if 'kanban' in modes:
                    views = [(view_id or False, mode) for view_id, mode in action.views if mode == 'kanban']
                    result = self.env[action.res_model].with_user(user).get_views(views)
                    names = list(result['models'][action.res_model]['fields'])
                    self.env[action.res_model].with_user(user).search([], limit=3).read(names)

    def assertSaysWhatToDo(self, user, addon):
        for action in self.actions_of(user, addon):
            if action.target != 'new' and action.view_mode != 'form':
                with self.subTest(action=action.name):
                    title, *text = html.fragments_fromstring(action.help or '<p/>')
                    self.assertTrue(title.text_content().strip())
                    self.assertGreater(len(' '.join(part.text_content() for part in text).split()), 5)


@tagged('post_install', '-at_install')
class TestPhone(OpensWell, RelationshipCase):

    def test_every_list_of_a_salesperson_opens_as_cards_on_a_phone(self):
        self.assertCards(self.salesperson, 'crm_relationship')

    def test_every_empty_screen_of_a_salesperson_and_a_manager_says_what_to_do(self):
        self.assertSaysWhatToDo(self.salesperson, 'crm_relationship')
        self.assertSaysWhatToDo(self.sales_manager, 'crm_relationship')
