A file of bank lines is booked with fewer questions to the database: its entries learn of their bank lines together.
