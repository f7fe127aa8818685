from . import plugandpay
