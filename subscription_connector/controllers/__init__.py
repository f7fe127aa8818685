from . import portal, portal_change, portal_plan
