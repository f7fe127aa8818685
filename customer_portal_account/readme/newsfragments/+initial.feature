First version: list with states, attempts, several invoices in one payment, whose documents, fresh code before methods.
