from dataclasses import dataclass


@dataclass(frozen=True)
class HandoverSource:
    """Kind of open work that passes to a successor.

    ``domain`` says what counts as open, ``user_field`` who has it, ``partner_field`` whose it is (empty: nobody's)
    and ``company_field`` where it belongs (empty: everywhere).
    """

    model: str
    label: str
    domain: tuple = ()
    user_field: str = 'user_id'
    partner_field: str = 'partner_id'
    company_field: str = 'company_id'

    @property
    def key(self):
        return f'{self.model}.{self.user_field}'

    @property
    def partner_path(self):
        """Path of the commercial partner."""
        if self.partner_field in ('commercial_partner_id', 'board_partner_id'):
            return self.partner_field
        return f'{self.partner_field}.commercial_partner_id'
