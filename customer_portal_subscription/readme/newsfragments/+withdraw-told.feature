The checkout tells consumers before they order where they withdraw from the contract.
