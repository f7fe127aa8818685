from . import test_declaration
from . import test_digital_content
from . import test_early_start
from . import test_home
from . import test_seen
from . import test_timeline
from . import test_withdrawal
