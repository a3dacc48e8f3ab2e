package org.kiln.perf.bench;

import java.util.List;
import org.kiln.pkcs11.Binding;

/** {@code VectorGenerator} on the token in one process, by either binding: no lane, store or network. */
final class InProcessPart {

    private final Figures figures;
    private final Scale scale;

    InProcessPart(Figures figures, Scale scale) {
        this.figures = figures;
        this.scale = scale;
    }

    void measure() {
        for (Binding binding : Binding.values()) {
            for (String mode : List.of("cold", "hot")) {
                for (int vectors : List.of(1, Scale.VECTORS)) {
                    take(new InProcess.Run(mode, binding, vectors, scale.threads()));
                }
            }
        }
        for (int vectors : List.of(1, Scale.VECTORS)) {
            take(new InProcess.Run("tuak", Binding.FFM, vectors, scale.threads()));
        }
    }

    private void take(InProcess.Run run) {
        InProcess.Score score = new InProcess(scale.seconds()).score(run);
        String id =
                Scale.id(run.binding() == Binding.FFM ? "jmh" : "jmh.iaik", run.mode(), run.vectors(), run.threads());
        String what = (run.mode().equals("tuak") ? "TUAK on the guarded host" : run.mode()) + ", " + run.vectors()
                + " vectors" + (run.binding() == Binding.FFM ? "" : ", IAIK binding");
        figures.take(
                id,
                "Kiln in process, " + what + ", " + run.threads() + " threads",
                "authentications/s",
                run.command(),
                score::perSecond);
        figures.take(
                id + ".octets",
                "allocated for each vector, " + what,
                "B",
                run.command(),
                () -> score.octets() / run.vectors());
    }
}
