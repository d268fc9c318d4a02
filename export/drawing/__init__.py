"""How dancers and keys look: a camera, a stage, bodies, trails, lettering; OpenCV puts it into pixels.

Pictures are (H, W, 3) uint8 arrays whose channels stand as OpenCV has them: blue, green, red.
"""
