from odoo import fields, models


class CrmMarketInformation(models.Model):
    """What is known of the market, by topic; it concerns no single customer."""

    _name = 'crm.market.information'
    _description = "Market Information"
    _inherit = ['mail.thread']
    _order = 'date desc, id desc'
    _mail_post_access = 'read'

    name = fields.Char(string="Information", required=True, tracking=True)
    topic = fields.Selection(
        [
            ('features', "Features"), ('channels', "Channels"), ('demand', "Changes in demand"),
            ('users', "Potential users"), ('competition', "Competition"),
        ],
        required=True, default='demand', index=True, tracking=True,
    )
    date = fields.Date(required=True, default=fields.Date.context_today, index=True)
    user_id = fields.Many2one(
        'res.users', string="Author", default=lambda self: self.env.user, index=True, ondelete='set null',
        domain=[('share', '=', False)],
    )
    company_id = fields.Many2one('res.company', default=lambda self: self.env.company, index=True)
    source_id = fields.Many2one('crm.information.source', string="Information Source", index='btree_not_null')
    categ_id = fields.Many2one('product.category', string="Product Category", index='btree_not_null')
    country_id = fields.Many2one('res.country', index='btree_not_null')
    competitor_ids = fields.Many2many('res.partner', string="Competitors")
    body = fields.Html(string="Details")
    attachment_ids = fields.Many2many('ir.attachment', string="Documents")
