from . import (
    credit_policy,
    credit_hold,
    sale_order_line,
    sale_order,
    stock_move,
    stock_picking,
)
