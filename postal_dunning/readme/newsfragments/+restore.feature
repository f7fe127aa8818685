After a backup was restored, letters wait until somebody has looked at those that left since
(History → Letters Found).
