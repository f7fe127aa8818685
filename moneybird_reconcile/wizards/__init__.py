from . import matching_import_wizard
