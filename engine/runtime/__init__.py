"""Clock, ticker and the loop that plays a show."""
