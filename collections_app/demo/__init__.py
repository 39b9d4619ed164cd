"""The demo company: invented, deterministic, and as alive on any day as on the day it was written.

`company` invents who owes what and when he pays, from a seed and today's date. `history` lives through it day by day
with the product's own services, the clock moved (`clock`) and the mail going nowhere (`mailroom`), so that every state
on screen came about as it would in use.
"""
