from engine.runtime.computed import Computed


def test_what_computes_is_said_once_and_again_where_it_changes() -> None:
    sides, said = ["CUDA", "CUDA"], list[str]()
    computed = Computed([lambda: sides[0], lambda: sides[1]], said.append)
    computed.look()
    computed.look()
    sides[1] = "CPU, as the GPU was lost: no answer"
    computed.look()
    computed.look()
    assert said == ["computed by CUDA", "computed by CUDA; CPU, as the GPU was lost: no answer"]
