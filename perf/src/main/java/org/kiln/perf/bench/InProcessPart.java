package org.kiln.perf.bench;

import java.util.ArrayList;
import java.util.List;
import org.kiln.pkcs11.Binding;

/** {@code VectorGenerator} on the token in one process, by either binding: no lane, store or network. */
final class InProcessPart {

    private final Figures figures;
    private final Yardsticks yardsticks;
    private final Scale scale;

    InProcessPart(Figures figures, Yardsticks yardsticks, Scale scale) {
        this.figures = figures;
        this.yardsticks = yardsticks;
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
        List<InProcess.Score> scores = new ArrayList<>();
        String id =
                Scale.id(run.binding() == Binding.FFM ? "jmh" : "jmh.iaik", run.mode(), run.vectors(), run.threads());
        String what = (run.mode().equals("tuak") ? "TUAK on the guarded host" : run.mode()) + ", " + run.vectors()
                + " vectors" + (run.binding() == Binding.FFM ? "" : ", IAIK binding");
        boolean held = run.binding() == Binding.FFM && !run.mode().equals("tuak");
        SideBySide rates = held ? new SideBySide() : new SideBySide(1);
        if (held) {
            yardsticks.addToken(rates, id, run.mode(), run.vectors(), scale.oneThreadAndAll(), 1);
        }
        rates.with(
                        id,
                        "Kiln in process, " + what + ", " + run.threads() + " threads",
                        "authentications/s",
                        run.command(),
                        () -> {
                            scores.add(new InProcess(scale.seconds()).score(run));
                            return scores.getLast().perSecond();
                        })
                .into(figures);
        figures.take(
                id + ".octets",
                "allocated for each vector, " + what,
                "B",
                run.command(),
                () -> scores.getLast().octets() / run.vectors());
    }
}
