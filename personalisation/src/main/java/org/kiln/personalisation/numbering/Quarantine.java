package org.kiln.personalisation.numbering;

import java.math.BigInteger;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.kiln.kms.audit.AuditLog;
import org.kiln.kms.store.Database;

/**
 * Numbers that nobody is to get until somebody says so. Cancelled orders' come here by themselves
 * ({@link NumberBlocks#quarantine}), others by hand. What is done here is one transaction, like what orders take.
 */
public final class Quarantine {

    private final Database database;
    private final NumberRanges ranges;
    private final InstantSource clock;

    public Quarantine(Database database, NumberRanges ranges, InstantSource clock) {
        this.database = database;
        this.ranges = ranges;
        this.clock = clock;
    }

    /**
     * A page of what is quarantined of a range, in order.
     *
     * @param after the first number of the last block of the page before; empty for the first page
     */
    public List<NumberBlock> page(NumberRange range, String after, int limit) {
        return database.read(connection -> BlockTable.select(
                connection, range, "and state = 'QUARANTINED' and first > ? order by first limit ?", after, limit));
    }

    /**
     * Keeps numbers from being given: those that nobody has had, and those that were released. Those that are quarantined
     * already stay so.
     *
     * @param reason kept with them, and for the audit log, like {@code actor}
     * @return these numbers, by whose they last were
     * @throws RangeException.InUse if one of them is in use
     * @throws RangeException if there is no such range, or it has not all of these numbers
     */
    public List<NumberBlock> impose(String rangeName, String first, long count, String reason, String actor) {
        return database.write(connection -> {
            NumberRange range = require(connection, rangeName);
            NumberSpan span = span(range, first, count);
            requireNotInUse(connection, range, span);
            List<NumberBlock> imposed = bring(connection, range, span, NumberBlock.State.QUARANTINED, reason);
            audit(connection, range, span, "NUMBERS_QUARANTINED", reason, actor);
            return imposed;
        });
    }

    /**
     * Has quarantined numbers given, before any new number of their range: somebody has made sure that no card with one of
     * them exists.
     *
     * @param count how many; null for all of the block that {@code first} is in, from there on
     * @param reason for the audit log, like {@code actor}
     * @return these numbers, by whose they last were
     * @throws RangeException if there is no such range, or not all of these numbers are quarantined
     */
    public List<NumberBlock> release(
            String rangeName, String first, @Nullable Long count, String reason, String actor) {
        return database.write(connection -> {
            NumberRange range = require(connection, rangeName);
            NumberSpan span =
                    count == null ? restOfBlock(connection, range, span(range, first, 1)) : span(range, first, count);
            requireQuarantined(connection, range, span);
            List<NumberBlock> released = bring(connection, range, span, NumberBlock.State.RELEASED, null);
            audit(connection, range, span, "NUMBERS_RELEASED", reason, actor);
            return released;
        });
    }

    private NumberRange require(Connection connection, String name) throws SQLException {
        return ranges.find(connection, name)
                .orElseThrow(() -> new RangeException(
                        "there is no number range '" + name + "'; 'kiln numbers list' has those that there are"));
    }

    private static NumberSpan span(NumberRange range, String first, long count) {
        if (!first.matches("[0-9]{" + range.digits() + "}")) {
            throw new RangeException("numbers of range '" + range.name() + "' have " + range.digits()
                    + " digits, without check digits; write the first one so");
        }
        NumberSpan span = NumberSpan.of(new BigInteger(first), count);
        if (count < 1 || !span.common(range.span()).equals(span)) {
            throw new RangeException("range '" + range.name() + "' has not all of these numbers; its own are "
                    + range.size() + " from " + range.first() + " on");
        }
        return span;
    }

    private static void requireNotInUse(Connection connection, NumberRange range, NumberSpan span) throws SQLException {
        for (NumberBlock block : BlockTable.crossing(connection, range, span)) {
            if (block.state() == NumberBlock.State.TAKEN) {
                NumberSpan taken = block.span().common(span);
                throw new RangeException.InUse(places(range, taken) + " of range '" + range.name()
                        + "', counted from 1, are in use by order or identity " + block.orderId()
                        + "; leave them out, or give it up first, which quarantines them");
            }
        }
    }

    private static NumberSpan restOfBlock(Connection connection, NumberRange range, NumberSpan one)
            throws SQLException {
        return BlockTable.crossing(connection, range, one).stream()
                .findFirst()
                .map(block -> new NumberSpan(
                        one.first(), block.span().common(range.span()).past()))
                .orElse(one);
    }

    private static void requireQuarantined(Connection connection, NumberRange range, NumberSpan span)
            throws SQLException {
        BigInteger next = span.first();
        for (NumberBlock block : BlockTable.crossing(connection, range, span)) {
            if (block.state() == NumberBlock.State.QUARANTINED && block.span().contains(next)) {
                next = block.span().past();
            }
        }
        if (next.compareTo(span.past()) < 0) {
            throw new RangeException(places(range, new NumberSpan(next, span.past())) + " of range '" + range.name()
                    + "', counted from 1, are not all quarantined; 'kiln numbers quarantined " + range.name()
                    + "' lists what is");
        }
    }

    /** Brings numbers, none of which is in use, to a state; returns them by whose they last were. */
    private static List<NumberBlock> bring(
            Connection connection, NumberRange range, NumberSpan span, NumberBlock.State state, @Nullable String reason)
            throws SQLException {
        BigInteger next = NumberBlocks.next(connection, range);
        NumberSpan touched =
                new NumberSpan(span.first().min(next), span.past()).widened().common(range.span());
        List<NumberBlock> before = BlockTable.crossing(connection, range, touched);
        List<NumberBlock> after = new ArrayList<>();
        for (NumberBlock block : before) {
            addParts(after, block, span, state, reason);
        }
        addNew(after, range, new NumberSpan(next, span.first()), NumberBlock.State.RELEASED, null);
        addNew(after, range, new NumberSpan(next.max(span.first()), span.past()), state, reason);
        replace(connection, before, merged(after));
        return BlockTable.crossing(connection, range, span).stream()
                .map(block -> block.part(block.span().common(span)))
                .toList();
    }

    private static void replace(Connection connection, List<NumberBlock> before, List<NumberBlock> after)
            throws SQLException {
        Set<NumberBlock> gone = new LinkedHashSet<>(before);
        after.forEach(gone::remove);
        Set<NumberBlock> added = new LinkedHashSet<>(after);
        before.forEach(added::remove);
        for (NumberBlock block : gone) {
            BlockTable.delete(connection, block);
        }
        for (NumberBlock block : added) {
            BlockTable.insert(connection, block);
        }
    }

    private static void addParts(
            List<NumberBlock> to,
            NumberBlock block,
            NumberSpan span,
            NumberBlock.State state,
            @Nullable String reason) {
        NumberSpan whole = block.span();
        addPart(to, block.part(new NumberSpan(whole.first(), whole.past().min(span.first()))));
        addPart(to, block.part(whole.common(span), state, reason));
        addPart(to, block.part(new NumberSpan(whole.first().max(span.past()), whole.past())));
    }

    private static void addPart(List<NumberBlock> to, NumberBlock part) {
        if (!part.span().isEmpty()) {
            to.add(part);
        }
    }

    private static void addNew(
            List<NumberBlock> to,
            NumberRange range,
            NumberSpan span,
            NumberBlock.State state,
            @Nullable String reason) {
        if (!span.isEmpty()) {
            to.add(new NumberBlock(
                    range.kind(), text(range, span.first()), span.count(), state, NumberBlock.NOBODY, reason));
        }
    }

    /** Neighbours that are alike as one, so that taking a span in and letting it go leaves what there was. */
    private static List<NumberBlock> merged(List<NumberBlock> blocks) {
        List<NumberBlock> merged = new ArrayList<>();
        for (NumberBlock block : blocks) {
            NumberBlock last = merged.isEmpty() ? null : merged.getLast();
            if (last != null && last.state() != NumberBlock.State.TAKEN && last.goesOnWith(block)) {
                merged.removeLast();
                merged.add(last.part(
                        new NumberSpan(last.span().first(), block.span().past())));
            } else {
                merged.add(block);
            }
        }
        return merged;
    }

    private static String text(NumberRange range, BigInteger number) {
        return NumberRanges.padded(number, range.digits());
    }

    /** What is said of numbers in the audit log and in refusals, which hold no SUPI. */
    private static String places(NumberRange range, NumberSpan span) {
        BigInteger zeroth = new BigInteger(range.first()).subtract(BigInteger.ONE);
        return "numbers " + span.first().subtract(zeroth) + " to "
                + span.past().subtract(zeroth).subtract(BigInteger.ONE);
    }

    private void audit(
            Connection connection, NumberRange range, NumberSpan span, String act, String reason, String actor)
            throws SQLException {
        AuditLog.add(
                connection,
                clock.instant(),
                actor,
                act,
                "number-range/" + range.name(),
                places(range, span) + " of the range: " + reason);
    }
}
