Uninstalling is refused while members' mandates are saved or charges are under way.
