from . import subscription_summed_report
from . import subscription_movement_report
from . import subscription_month_report
from . import subscription_cohort_report
from . import subscription_funnel_report
from . import subscription_cash_report
from . import subscription_figure
