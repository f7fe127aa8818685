from . import portal, portal_change, portal_invitation, portal_plan, shop
