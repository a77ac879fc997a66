"""From text to mentions of people, places and themes. Pure: no Django, no database."""
