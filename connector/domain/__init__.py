"""What both platforms talk about: frozen values and the words of the trade. Standard library only."""
