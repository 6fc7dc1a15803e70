"""Hours of bench time through the whole station, accelerated: does anything grow, leak or drift?"""
