"""`tocsin serve`: what is due, the processes that do it, and the loop that looks after them."""
