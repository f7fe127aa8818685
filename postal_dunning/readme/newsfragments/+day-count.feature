Interest under German law may be counted in months of 30 days and years of 360; days as they are stay the default.
