An invoice that Peppol took and did not deliver goes by the next channel, with the network's reason.
