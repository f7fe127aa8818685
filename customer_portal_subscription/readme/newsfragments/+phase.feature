The page of a subscription tells until when its trial and its minimum term last.
