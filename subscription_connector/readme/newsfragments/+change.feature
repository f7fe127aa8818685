Another plan, other products or quantities: at once with the difference to the cent, or
when the period ends, after a preview; by staff and, where the plan allows it, by members.
A confirmation mail with plan, interval and duration, and a reminder before the next
billing.
