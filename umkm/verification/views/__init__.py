"""The officers' screens in the admin: the queue, the case, and what is posted from them."""
