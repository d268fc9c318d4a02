"""How fast this machine plays: `engine bench`."""
