Matching knows end-to-end ids, transaction ids, instalments, sets of items that add up, parts that pay one item together, withheld fees and other currencies, and says what speaks against a candidate.
