"""The plan: groups of segments, who makes their edges, and what is judged between them."""
