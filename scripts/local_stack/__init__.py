"""The whole product on one machine: an emulator of AWS, and a real `sam deploy` of the real template to it.

What runs before the environments exist uses the standard library only.
"""
