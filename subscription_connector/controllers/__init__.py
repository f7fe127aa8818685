from . import portal, portal_change
