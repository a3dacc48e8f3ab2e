package org.kiln.personalisation.output;

import java.util.ArrayList;
import java.util.List;
import org.kiln.personalisation.profile.CardProfile;
import org.kiln.personalisation.profile.OtaKeyset;
import org.kiln.transfer.batch.Column;
import org.kiln.transfer.batch.Content;
import org.kiln.transfer.batch.KcvConvention;
import org.kiln.transfer.batch.Wrapping;

/** The columns of a vendor's file. */
public final class VendorColumns {

    public static final String ICCID = "ICCID";
    public static final String IMSI = "IMSI";
    public static final String ALGORITHM = "ALGORITHM";
    public static final String KI = "KI";
    public static final String OPC = "OPC";

    private VendorColumns() {}

    /** The column that holds check values of the keys in {@code column}. */
    public static String kcvOf(String column) {
        return column + Column.KCV_SUFFIX;
    }

    /** The columns KIC<i>n</i>, KID<i>n</i>, KIK<i>n</i> of a keyset with key version <i>n</i>. */
    public static List<String> of(OtaKeyset keyset) {
        return List.of("KIC" + keyset.keyVersion(), "KID" + keyset.keyVersion(), "KIK" + keyset.keyVersion());
    }

    /** All columns for a profile, wrapped under one transport key. */
    static List<Column> of(CardProfile profile, String keyLabel, String keyKcv) {
        List<Column> columns = new ArrayList<>();
        columns.add(Column.clear(ICCID));
        columns.add(Column.clear(IMSI));
        columns.add(Column.clear(ALGORITHM));
        addKey(columns, KI, keyLabel, keyKcv);
        columns.add(Column.wrapped(OPC, keyLabel, keyKcv, Wrapping.AES_KWP, Content.AES_KEY));
        for (CardProfile.Code code : profile.codesInOrder().keySet()) {
            columns.add(Column.wrapped(code.name(), keyLabel, keyKcv, Wrapping.AES_KWP, Content.CODE));
        }
        for (OtaKeyset keyset : profile.otaKeysets()) {
            for (String column : of(keyset)) {
                addKey(columns, column, keyLabel, keyKcv);
            }
        }
        return columns;
    }

    private static void addKey(List<Column> columns, String name, String keyLabel, String keyKcv) {
        columns.add(Column.wrapped(name, keyLabel, keyKcv, Wrapping.AES_KWP, Content.AES_KEY));
        columns.add(Column.kcv(name, KcvConvention.ZERO_BLOCK));
    }
}
