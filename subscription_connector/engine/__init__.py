from . import amounts, outside, retry, schedule
