from . import (
    credit_policy,
    credit_hold,
    crm_metrics_change,
    sale_order_line,
    sale_order,
    stock_move,
    stock_picking,
)
