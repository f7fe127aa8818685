from . import dunning_preview
from . import dunning_preview_line
