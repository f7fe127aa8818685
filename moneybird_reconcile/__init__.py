from . import clients
from . import models
