"""figurant's offline side: data, training, export to ONNX, evaluation."""
