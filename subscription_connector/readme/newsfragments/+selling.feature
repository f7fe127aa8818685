Customers save a payment method on their phone: QR code and link on the staff screen, which
turns into a confirmation by itself. Customer types come with a subscription and go with the
last one: a tag, a pricelist, access. Import of subscriptions from CSV or XLSX, checked
first, as a whole or not at all. Missing customer data is named with the way to fill it in.
In the web shop the order button names the duty to pay, and nothing gets around the saved
method.
