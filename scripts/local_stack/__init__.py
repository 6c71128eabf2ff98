"""The whole product on one machine: an emulator of AWS, and a real `sam deploy` of the real template to it.

Code that runs before the environments exist uses the standard library only.
"""
