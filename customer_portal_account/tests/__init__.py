from . import test_details
from . import test_documents
from . import test_home
from . import test_pay
