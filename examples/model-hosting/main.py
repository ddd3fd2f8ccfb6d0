"""A model in the shape of the platform's Model Hosting Service: one function that takes a slide's path and returns an AI workflow. Needs openslide-python."""

import openslide


def process_image(image_path):
    """Your model. image_path: the slide on this machine."""
    with openslide.OpenSlide(image_path) as slide:
        width, height = slide.dimensions
        glance = slide.get_thumbnail((500, 500)).convert("L")
    glance.save("glance.png")  # A file for debugging: see README.md.
    tissue = sum(glance.histogram()[:215]) / (glance.width * glance.height)
    return {
        "model_name": "Tissue fraction 1.0",
        "provider": "Example",
        "ruo": True,
        "key": "Tissue",
        "value": f"{tissue:.0%}",
        "report": {"type": "Basic", "results": [{"name": "Size", "result": f"{width} x {height}"}, {"name": "Tissue", "result": f"{tissue:.0%}"}], "segments": []},
    }
