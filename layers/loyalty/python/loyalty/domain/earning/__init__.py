"""How points are earned: campaigns react to events, their reward rules give awards."""
